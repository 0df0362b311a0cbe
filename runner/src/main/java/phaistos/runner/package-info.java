/** Assembles a test: command line, reports, campaigns. */
package phaistos.runner;
