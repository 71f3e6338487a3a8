#!/bin/sh
# Like the official image's: options alone are redis-server's, root steps down, and a network may connect.
set -e
case $1 in -* | *.conf) set -- redis-server "$@" ;; esac
[ "$1" = redis-server ] || exec "$@"
case " $* " in *protected-mode*) ;; *) set -- "$@" --protected-mode no ;; esac
[ "$(id -u)" = 0 ] || exec "$@"
find . ! -user redis -exec chown redis '{}' +
exec setpriv --reuid redis --regid redis --clear-groups "$@"
