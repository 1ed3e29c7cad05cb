// Package jsonbody finds the elements of a JSON body that AWS WAF inspects: the
// keys, and the strings, numbers, booleans and nulls, all of them or those below
// some JSON pointers.
//
//	var w jsonbody.Walker
//	err := w.Walk(body, nil, func(text []byte, key bool) bool { …; return true })
//
// It is no validator. As AWS documents, a comma or colon that is missing and a colon
// that is doubled are passed over. What else is no JSON ends the walk with an Error:
// a key that its object has already, a character that does not belong there, bytes
// that are no UTF-8, a body that is cut short, one that is no object and no array.
// What came before it has been visited.
//
// The time is linear in the body, whatever it holds. The memory is that of the
// nesting, of which there are at most MaxDepth, and of the keys.
package jsonbody
