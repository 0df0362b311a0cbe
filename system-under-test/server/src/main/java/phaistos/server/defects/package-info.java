/** Mistakes of real systems that can be planted. */
package phaistos.server.defects;
