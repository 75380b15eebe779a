package auth

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"onethread/models"
	"onethread/models/store"
)

// Token is an API token as lists show it.
type Token = store.APIToken

// Bearer is who stands behind an API call.
type Bearer struct {
	Token Token
	User  models.User
}

// tokenPrefix makes our tokens recognisable to people and to secret scanners.
const tokenPrefix = "ot_"

var errBearer = &models.Error{Code: models.Unsigned, Message: "This call needs a valid API token: send it as 'Authorization: Bearer TOKEN'."}

// NewToken makes an API token for user and returns it; it is shown once and stored nowhere. The
// scope may not reach beyond what the user's own role allows.
func (a *Auth) NewToken(ctx context.Context, u models.User, name string, scope models.Scope) (string, Token, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > 100 {
		return "", Token{}, models.FieldError("name", "Give the token a name of 1 to 100 characters that says what uses it.")
	}
	if scopeRank[scope] == 0 {
		return "", Token{}, models.FieldError("scope", "%q is no scope. Use read, write or admin.", scope)
	}
	if !Covers(u.Role, scope, scope) {
		return "", Token{}, models.FieldError("scope", "A token of scope %s does more than the role %s may. Choose a smaller scope.", scope, u.Role)
	}
	raw := tokenPrefix + secret()
	t := Token{TokenHash: digest(raw), UserID: u.ID, Name: name, Scope: scope, CreatedAt: models.At(a.now())}
	err := a.st.Write(ctx, func(tx *store.Tx) error { return store.InsertAPIToken(tx, &t) })
	return raw, t, err
}

// Token finds who a bearer token belongs to. Revoked and unknown tokens, and those of disabled
// users, are Unsigned errors.
func (a *Auth) Token(ctx context.Context, raw string) (Bearer, error) {
	if len(raw) != len(tokenPrefix)+len(secret()) || !strings.HasPrefix(raw, tokenPrefix) {
		return Bearer{}, errBearer
	}
	t, err := store.APITokenByHash(a.st.Read(ctx), digest(raw))
	if err != nil {
		return Bearer{}, badBearer(err)
	}
	u, err := store.UserByID(a.st.Read(ctx), t.UserID)
	if err != nil {
		return Bearer{}, badBearer(err)
	}
	if !u.DisabledAt.IsZero() {
		return Bearer{}, errBearer
	}
	if models.At(a.now()).Sub(t.LastUsedAt) >= time.Hour {
		a.touch(ctx, "token "+t.ID.String(), func(tx *store.Tx) error { return store.TouchAPIToken(tx, t.ID) })
	}
	return Bearer{Token: t, User: u}, nil
}

// Tokens lists a user's own tokens; zero lists everybody's, for those who manage users.
func (a *Auth) Tokens(ctx context.Context, user models.ID) ([]Token, error) {
	return store.APITokens(a.st.Read(ctx), user)
}

// RevokeToken ends a token. Others' tokens are not found, except by those who manage users.
func (a *Auth) RevokeToken(ctx context.Context, actor models.User, id models.ID) error {
	return a.st.Write(ctx, func(tx *store.Tx) error {
		t, err := store.APITokenByID(tx, id)
		if err != nil {
			return err
		}
		if t.UserID != actor.ID && !Can(actor.Role, SettingsUsers) {
			return models.Errorf(models.NotFound, "There is no such token.")
		}
		return store.RevokeAPIToken(tx, id)
	})
}

func badBearer(err error) error {
	if models.IsCode(err, models.NotFound) {
		return errBearer
	}
	return err
}

// KeepAnswer keeps what an API write with an Idempotency-Key was answered, for a day.
func (a *Auth) KeepAnswer(ctx context.Context, answer store.Answer) error {
	return a.st.Write(ctx, func(tx *store.Tx) error { return store.KeepAnswer(tx, answer) })
}
