package estate

import (
	"reflect"
	"sync"
)

// Once returns what build makes of the estate, and makes it only once however
// many ask: an engine's model that many controls use. There is one for each
// type T, so that every caller of a type has to pass the same build.
func Once[T any](e *Estate, build func(*Estate) T) T {
	slot, _ := e.made.LoadOrStore(reflect.TypeFor[T](), &made[T]{})
	m := slot.(*made[T])
	m.once.Do(func() { m.value = build(e) })
	return m.value
}

type made[T any] struct {
	once  sync.Once
	value T
}
