/** What happened in a run: events, operations, histories, and their files. */
package phaistos.histories;
