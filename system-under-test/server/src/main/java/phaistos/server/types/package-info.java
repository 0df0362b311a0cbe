/** SQL types, values, and how a row is stored. */
package phaistos.server.types;
