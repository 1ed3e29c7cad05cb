// Command bench measures fathom audit as a whole process on generated plans of
// growing size, and on the example estate: resources per second, peak memory,
// and how cost grows when the input doubles. And fathom render on the examples.
package main
