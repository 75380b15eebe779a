package identity

import (
	"maps"
	"slices"

	"onethread/models"
	"onethread/models/store"
)

// joinMarks gives every user a mark on the thread that stays which counts everything as unread that
// either thread had unread. The marks on the one that joins stay as they are, for the undo.
func joinMarks(tx *store.Tx, merge, from, into models.ID) error {
	theirs, err := store.Marks(tx, from)
	if err != nil {
		return err
	}
	ours, err := store.Marks(tx, into)
	if err != nil {
		return err
	}
	users := slices.Collect(maps.Keys(ours))
	for u := range theirs {
		if _, both := ours[u]; !both {
			users = append(users, u)
		}
	}
	for _, u := range users {
		becomes, err := joint(tx, from, into, theirs[u], ours[u])
		if err == nil && becomes != ours[u] {
			err = store.JoinMark(tx, merge, u, into, ours[u], becomes)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// joint is the mark before the first unread event of two threads, or the later of both when all is read.
func joint(tx *store.Tx, a, b, markA, markB models.ID) (models.ID, error) {
	firstA, err := store.FirstUnread(tx, a, markA)
	if err != nil {
		return 0, err
	}
	firstB, err := store.FirstUnread(tx, b, markB)
	if err != nil {
		return 0, err
	}
	switch {
	case firstA == 0 && firstB == 0:
		return max(markA, markB), nil
	case firstA == 0:
		return firstB - 1, nil
	case firstB == 0:
		return firstA - 1, nil
	}
	return min(firstA, firstB) - 1, nil
}
