/** What transactions of a database see, level by level. */
package phaistos.harness.isolation;
