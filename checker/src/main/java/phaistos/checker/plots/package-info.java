/**
 * Pictures of histories as self-contained SVG, readable on light and dark ground; nothing is loaded
 * and no other program is needed.
 */
package phaistos.checker.plots;
