// Package comment writes what stands above a rendered resource: why it is there,
// the controls it is part of, and what of the declaration it derives from.
//
// It is text in lines, for whatever language; the printers put their marks in
// front.
package comment
