/** Errors as PostgreSQL reports them, and the log (elog.c). */
package phaistos.server.errors;
