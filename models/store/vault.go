package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Vault encrypts what must not be readable in a stolen copy of the database (AES-256-GCM), and
// derives the keys of everything that we sign.
type Vault struct {
	aead  cipher.AEAD
	key   []byte
	keyID []byte // first bytes of the key's hash, so that a wrong key is named as such
}

const vaultVersion = 1

// openVault takes the key given, or reads DIR/secret.key, or creates it (mode 0600).
func openVault(dir string, key []byte) (*Vault, error) {
	if key == nil {
		var err error
		if key, err = keyFile(filepath.Join(dir, "secret.key"), filepath.Join(dir, "onethread.db")); err != nil {
			return nil, err
		}
	}
	if len(key) != 32 {
		return nil, fmt.Errorf("the secret key has %d bytes, it must have 32 (64 hexadecimal digits)", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(key)
	return &Vault{aead: aead, key: key, keyID: sum[:4]}, nil
}

func keyFile(path, database string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err == nil {
		return ParseKey(string(text))
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if _, err := os.Stat(database); err == nil {
		return nil, fmt.Errorf("%s is missing, but the database beside it was encrypted with it. Put the file back (it is in your backup of the data folder), or set ONETHREAD_SECRET_KEY", path)
	}
	key := make([]byte, 32)
	rand.Read(key)
	if err := placeKey(path, hex.EncodeToString(key)+"\n"); errors.Is(err, os.ErrExist) {
		return keyFile(path, database) // another command was first
	} else if err != nil {
		return nil, fmt.Errorf("the secret key cannot be written to %s: %w", path, err)
	}
	return key, nil
}

// placeKey makes the key's file so that it is whole whenever it is there: a power cut must not leave an
// empty one, over which nothing starts again. It takes the place of no other.
func placeKey(path, text string) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, unfinished+"*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); errors.Is(err, os.ErrExist) {
		return err
	} else if err != nil { // a file system without links
		if err := os.Rename(f.Name(), path); err != nil {
			return err
		}
	}
	return syncDir(dir)
}

// ParseKey reads a key written as 64 hexadecimal digits.
func ParseKey(text string) ([]byte, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != 32 {
		return nil, errors.New("the secret key must be 64 hexadecimal digits (32 bytes); make one with: openssl rand -hex 32")
	}
	return key, nil
}

// Seal encrypts plain. place says where it is stored ("channels|secrets|7"): a ciphertext copied
// to another place does not open there.
func (v *Vault) Seal(plain []byte, place string) []byte {
	nonce := make([]byte, v.aead.NonceSize())
	rand.Read(nonce)
	out := append([]byte{vaultVersion}, v.keyID...)
	out = append(out, nonce...)
	return v.aead.Seal(out, nonce, plain, v.aad(place))
}

// Open decrypts what Seal made for the same place.
func (v *Vault) Open(sealed []byte, place string) ([]byte, error) {
	head := 1 + len(v.keyID) + v.aead.NonceSize()
	if len(sealed) < head || sealed[0] != vaultVersion {
		return nil, errors.New("a stored secret is not in a form this version knows")
	}
	if string(sealed[1:1+len(v.keyID)]) != string(v.keyID) {
		return nil, errors.New("a stored secret was encrypted with another key: put the right secret key back, or enter the channel's secrets again")
	}
	plain, err := v.aead.Open(nil, sealed[head-v.aead.NonceSize():head], sealed[head:], v.aad(place))
	if err != nil {
		return nil, errors.New("a stored secret is damaged: enter the channel's secrets again")
	}
	return plain, nil
}

func (v *Vault) aad(place string) []byte { return []byte(place + "|" + hex.EncodeToString(v.keyID)) }

// MAC is HMAC-SHA256 over the message with a key derived for the purpose ("visitor", "reply").
func (v *Vault) MAC(purpose string, message []byte) []byte {
	derive := hmac.New(sha256.New, v.key)
	derive.Write([]byte("onethread " + purpose))
	mac := hmac.New(sha256.New, derive.Sum(nil))
	mac.Write(message)
	return mac.Sum(nil)
}
