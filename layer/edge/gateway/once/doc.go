// Package once remembers what was used, so that it is used once: nonces of
// signed requests, solutions of challenges.
//
// It is no cache and no database: what it forgets, it forgets only after the
// time for which the user of it needs to know. Gateways that stand side by side
// share a Store that package shared provides; Memory is for one that stands
// alone.
//
//	m := once.NewMemory(0, time.Now)
//	first, err := m.Once(ctx, "nonce 1", time.Minute) // true, nil
//	first, err = m.Once(ctx, "nonce 1", time.Minute)  // false, nil
package once
