/** The statuses of transactions after recovery, computed from files alone. */
package phaistos.formats.redo;
