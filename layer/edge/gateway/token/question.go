package token

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// A question is words only, so that every reader, voice and braille line can
// give it, and needs no more than what a child of ten knows. The answer is one
// word or number that a hash of is sealed into the puzzle.

var kinds = map[string][]string{
	"an animal":           {"horse", "rabbit", "spider", "goat", "eagle", "otter", "camel", "turtle", "fox", "whale"},
	"a fruit":             {"apple", "banana", "cherry", "lemon", "peach", "grape", "melon", "plum", "pear"},
	"a colour":            {"red", "yellow", "green", "purple", "white", "black", "blue"},
	"something to wear":   {"glove", "shirt", "scarf", "jacket", "sock", "hat", "boot"},
	"a day of the week":   {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
	"something to sit on": {"chair", "sofa", "bench", "stool"},
	"a tool":              {"hammer", "saw", "screwdriver", "pliers", "spade"},
}

var kindNames = []string{"an animal", "a fruit", "a colour", "something to wear", "a day of the week", "something to sit on", "a tool"}

var numerals = []string{
	"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
	"eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
}

var ordinals = []string{"first", "second", "third", "fourth"}

// ask makes a question and its answer.
func ask() (question, answer string) {
	switch roll(4) {
	case 0:
		words := several(4)
		i := roll(4)
		return fmt.Sprintf("Which of these is %s: %s, %s, %s or %s?", words[i].kind, words[0].word, words[1].word, words[2].word, words[3].word), words[i].word
	case 1:
		words := several(4)
		i := roll(4)
		return fmt.Sprintf("Here are four words: %s, %s, %s, %s. What is the %s word?", words[0].word, words[1].word, words[2].word, words[3].word, ordinals[i]), words[i].word
	case 2:
		a, b := 1+roll(10), 1+roll(10)
		return fmt.Sprintf("What is %s plus %s?", numerals[a], numerals[b]), strconv.Itoa(a + b)
	default:
		a := 5 + roll(15)
		b := 2 + roll(a-1)
		return fmt.Sprintf("There are %s people on a bus and %s get off. How many are left?", numerals[a], numerals[b]), strconv.Itoa(a - b)
	}
}

type named struct{ word, kind string }

// several are words of as many different kinds.
func several(n int) []named {
	left := append([]string(nil), kindNames...)
	out := make([]named, n)
	for i := range out {
		k := roll(len(left))
		words := kinds[left[k]]
		out[i] = named{words[roll(len(words))], left[k]}
		left = append(left[:k], left[k+1:]...)
	}
	return out
}

// roll is a random number under n that nobody can foretell.
func roll(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0 // crypto/rand never fails on Linux; a question that can be foretold is still a question
	}
	return int(i.Int64())
}

// hashed is an answer as a puzzle holds it: however it is spelled, numerals as
// digits, without an article and a full stop.
func hashed(id, answer string) string {
	a := strings.ToLower(strings.Trim(strings.TrimSpace(answer), `.,!"'`))
	for _, article := range []string{"a ", "an ", "the "} {
		a = strings.TrimPrefix(a, article)
	}
	for n, word := range numerals {
		if a == word {
			a = strconv.Itoa(n)
		}
	}
	sum := sha256.Sum256([]byte(id + "\n" + strings.TrimSpace(a)))
	return string(sum[:16])
}
