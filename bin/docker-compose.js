#!/bin/sh
':' //; exec node -- "$0" "$@"
// The line above is for the shell: without `--`, Node looks for the file of `--env-file` itself. To Node it says nothing.
import './stack.js';
