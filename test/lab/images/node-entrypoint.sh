#!/bin/sh
# Like the official image's: what is no command is for node.
set -e
case $1 in -*) set -- node "$@" ;; *) command -v "$1" >/dev/null || set -- node "$@" ;; esac
exec "$@"
