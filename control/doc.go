// Package control is the vocabulary of judgement: a control is one guard of
// the defence, and judging an estate says whether it is present, partial,
// absent or unknown there, with evidence.
//
// # Words
//
//   - Control: one guard, with an id such as network.sg-chain. Its Check looks
//     at an estate and gives a Result for every resource it has to do with.
//   - Result: present, partial, absent or unknown, for one resource.
//   - Mistake: what makes a result less than present: where, what, how to mend.
//   - Verdict: a control's results on one estate, and the status that follows.
//   - Finding: a mistake as it is reported; one mistake is one finding, also
//     where two controls see it.
//
// What the controls are is for the layers to say.
package control
