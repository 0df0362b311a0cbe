/** Shared by all commands: exit codes, user errors, paths, durations. */
package phaistos.runner.options;
