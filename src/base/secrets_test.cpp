#include "base/secrets.h"

#include <gmock/gmock.h>

#include "base/utf8.h"

namespace sightline {
namespace {

MasterKey key_named(const char* id, std::uint8_t fill) {
  std::array<std::uint8_t, MasterKey::kBytes> bytes{};
  bytes.fill(fill);
  return {id, bytes};
}

SecretKeys ring_of(std::vector<MasterKey> keys) {
  auto made = SecretKeys::create(std::move(keys));
  EXPECT_TRUE(made) << made.error().message;
  return std::move(*made);
}

// The same nonce each time.
class ZeroRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, 0); }
};

TEST(Secrets, OpenWhereTheyWereSealed) {
  SystemRandom random;
  const SecretKeys keys = ring_of({key_named("k1", 1)});
  for (const std::string& secret :
       {std::string(), std::string("a"), std::string("a\0b", 3), std::string(100'000, 'x')}) {
    const auto sealed = keys.seal(secret, "place", random);
    ASSERT_TRUE(sealed) << sealed.error().message;
    EXPECT_THAT(*sealed, testing::StartsWith("s1:k1:"));
    EXPECT_TRUE(looks_sealed(*sealed));
    EXPECT_FALSE(keys.needs_sealing(*sealed));
    const auto opened = keys.open(*sealed, "place");
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(*opened, secret);
  }
  EXPECT_NE(*keys.seal("a", "place", random), *keys.seal("a", "place", random))
      << "each has a nonce of its own";
}

// Made once with Python's cryptography: AESGCM(b"\x01" * 32).encrypt(bytes(12), b"secret",
// b"sightline:s1:k1:place").
TEST(Secrets, AreAes256Gcm) {
  ZeroRandom random;
  EXPECT_EQ(*ring_of({key_named("k1", 1)}).seal("secret", "place", random),
            "s1:k1:AAAAAAAAAAAAAAAA:zFD7rhBPt542GSiit8zBcqbAgxaU5A==");
}

TEST(Secrets, OpenNowhereElse) {
  SystemRandom random;
  const SecretKeys keys = ring_of({key_named("k1", 1)});
  const std::string sealed = keys.seal("secret", "place", random).value();
  for (const char* place : {"", "plac", "place ", "Place", "place2"}) {
    const auto opened = keys.open(sealed, place);
    ASSERT_FALSE(opened) << place;
    EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
  }
}

TEST(Secrets, NoticeEveryChangedCharacter) {
  SystemRandom random;
  const SecretKeys keys = ring_of({key_named("k1", 1), key_named("k2", 2)});
  const std::string sealed = keys.seal("the secret", "place", random).value();
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(byte);
      if (changed == sealed) continue;
      const auto opened = keys.open(changed, "place");
      ASSERT_FALSE(opened) << i << ": " << printable(changed);
      EXPECT_THAT(opened.error().message, testing::Not(testing::HasSubstr("the secret")));
    }
    ASSERT_FALSE(keys.open(sealed.substr(0, i), "place")) << i;
    ASSERT_FALSE(keys.open(sealed.substr(0, i) + sealed.substr(i + 1), "place")) << i;
    ASSERT_FALSE(keys.open(sealed.substr(0, i) + 'A' + sealed.substr(i), "place")) << i;
  }
  EXPECT_FALSE(keys.open(sealed + ":", "place"));
  EXPECT_FALSE(keys.open(sealed + "\n", "place"));
}

TEST(Secrets, NameTheKeyThatIsMissing) {
  SystemRandom random;
  const std::string sealed = ring_of({key_named("old", 1)}).seal("secret", "place", random).value();
  const auto opened = ring_of({key_named("new", 1)}).open(sealed, "place");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("'old'"));
  EXPECT_EQ(ring_of({key_named("old", 2)}).open(sealed, "place").error().kind, ErrorKind::corrupt)
      << "another key of the same name";
}

TEST(Secrets, OutliveTheirKeysTurn) {
  SystemRandom random;
  const std::string old = ring_of({key_named("old", 1)}).seal("secret", "place", random).value();
  const SecretKeys both = ring_of({key_named("new", 2), key_named("old", 1)});
  EXPECT_EQ(both.open(old, "place").value(), "secret");
  EXPECT_TRUE(both.needs_sealing(old));
  const std::string anew = both.seal("secret", "place", random).value();
  EXPECT_FALSE(both.needs_sealing(anew));
  EXPECT_EQ(ring_of({key_named("new", 2)}).open(anew, "place").value(), "secret");
}

TEST(Secrets, OfALaterVersionAreNotCalledDamaged) {
  const SecretKeys keys = ring_of({key_named("k1", 1)});
  EXPECT_EQ(keys.open("s2:k1:AAAA:AAAA", "place").error().kind, ErrorKind::unsupported);
  EXPECT_EQ(keys.open("plain", "place").error().kind, ErrorKind::corrupt);
  EXPECT_TRUE(keys.needs_sealing("plain"));
  EXPECT_FALSE(looks_sealed("plain"));
  EXPECT_FALSE(looks_sealed("sx:y"));
  EXPECT_FALSE(looks_sealed(""));
}

TEST(Secrets, AreBounded) {
  SystemRandom random;
  const SecretKeys keys = ring_of({key_named("k1", 1)});
  const std::string longest(SecretKeys::kLongestSecret, 'x');
  const auto sealed = keys.seal(longest, "", random);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(keys.open(*sealed, "").value(), longest);
  EXPECT_EQ(keys.seal(longest + 'x', "", random).error().kind, ErrorKind::too_large);
}

TEST(MasterKeys, HaveOneGoodIdEach) {
  EXPECT_FALSE(SecretKeys::create({}));
  for (const char* id : {"", "a:b", "a b", "a\n", "\xC3\xA4", "123456789012345678901234567890123"})
    EXPECT_FALSE(SecretKeys::create({key_named(id, 1)})) << id;
  EXPECT_FALSE(SecretKeys::create({key_named("a", 1), key_named("b", 1), key_named("a", 2)}));
  SystemRandom random;
  const MasterKey one = MasterKey::make(random);
  const MasterKey two = MasterKey::make(random);
  EXPECT_TRUE(SecretKeys::create({one, two}));
  EXPECT_NE(one.bytes, two.bytes);
}

}  // namespace
}  // namespace sightline
