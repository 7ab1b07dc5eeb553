/* The frame of a program whose traced() is written in C. */
#include "start.h"
