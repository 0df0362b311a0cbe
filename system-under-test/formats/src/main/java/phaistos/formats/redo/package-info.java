/** The statuses of transactions that recovery would end with, computed from files alone. */
package phaistos.formats.redo;
