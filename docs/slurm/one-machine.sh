#!/bin/sh
# A Slurm that consists of this machine, to try job arrays on. As root, on Debian with slurm-wlm and munge installed:
#
#   sh docs/slurm/one-machine.sh start DIR    configuration, logs and pid files go to DIR
#   export SLURM_CONF=DIR/slurm.conf          for sbatch, squeue and the others
#   sh docs/slurm/one-machine.sh stop DIR
#
# No accounting, no cgroups; every processor is one slot of the partition "local".
set -eu

usage() {
  echo "usage: $0 start|stop DIR" >&2
  exit 2
}

[ $# -eq 2 ] || usage
mkdir -p "$2"
dir=$(cd "$2" && pwd)

start() {
  host=$(hostname -s)
  mkdir -p "$dir/state" "$dir/spool"
  chmod 711 "$dir"
  cat > "$dir/slurm.conf" <<EOF
ClusterName=local
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_min_interval=100000
ReturnToService=2
MpiDefault=none
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc)
PartitionName=local Nodes=$host Default=YES MaxTime=INFINITE State=UP
EOF
  [ -s "$dir/munge.key" ] || (umask 077; head -c 1024 /dev/urandom > "$dir/munge.key")
  munged --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
    --log-file="$dir/munged.log" --seed-file="$dir/munged.seed"
  SLURM_CONF=$dir/slurm.conf
  export SLURM_CONF
  slurmctld -f "$dir/slurm.conf"
  slurmd -f "$dir/slurm.conf"
  tries=0
  until [ "$(sinfo --noheader --format=%T 2> /dev/null)" = idle ]; do
    tries=$((tries + 1))
    if [ $tries -gt 30 ]; then
      echo "$0: the node does not come up; see $dir/*.log" >&2
      exit 1
    fi
    sleep 1
  done
  sinfo
}

stop() {
  for daemon in slurmd slurmctld munged; do
    [ ! -f "$dir/$daemon.pid" ] || kill "$(cat "$dir/$daemon.pid")" || true
  done
}

case $1 in
  start) start ;;
  stop) stop ;;
  *) usage ;;
esac
