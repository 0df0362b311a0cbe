/** {@code ./phaistos museum}: bugs of real PostgreSQL, each found again where it is present. */
package phaistos.runner.museum;
