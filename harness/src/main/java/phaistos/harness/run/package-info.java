/** The run itself. In the simulator it runs inside the simulation, as the nodes do. */
package phaistos.harness.run;
