/** The record of a run: events, operations, histories, and their files. */
package phaistos.histories;
