/** Types, values, tables. */
package phaistos.server.catalog;
