/** What workloads share whose every transaction also writes its marker into one table. */
package phaistos.workloads.journal;
