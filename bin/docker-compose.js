#!/bin/sh
':' //; stack=$(readlink -f "$0") && node=${stack%/bin/*}/node_modules/node/bin/node; [ -x "$node" ] || node=node; exec "$node" -- "$0" "$@"
// The line above is for the shell: without `--`, Node looks for the file of `--env-file` itself, and a clone has a Node of
// its own, which is new enough. To Node it says nothing.
require('./stack.js');
