/** What all commands of the command line share: exit codes, mistakes of the user, paths, times. */
package phaistos.runner.options;
