// Package all lists the layers, outside in. It is the one place that knows
// them all.
package all
