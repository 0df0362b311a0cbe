/** Faults, and schedules of faults. */
package phaistos.nemesis;
