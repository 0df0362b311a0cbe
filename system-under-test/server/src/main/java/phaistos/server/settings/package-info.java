/** PostgreSQL's settings: names, defaults, units, errors. */
package phaistos.server.settings;
