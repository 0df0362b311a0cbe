/** How a system under test is deployed and handled. */
package phaistos.cluster;
