#include "base/digest.h"

#include <gtest/gtest.h>

#include <string_view>

#include "base/hex.h"

namespace sightline {
namespace {

std::string digest_of(DigestKind kind, std::string_view text, std::size_t piece) {
  Digest digest(kind);
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
    digest.update(text.substr(0, piece));
  return hex(digest.finish());
}

TEST(Digest, AgreesWithTheStandardsWhateverThePieces) {
  for (const std::size_t piece : {1U, 2U, 100U}) {
    EXPECT_EQ(digest_of(DigestKind::md5, "abc", piece), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(digest_of(DigestKind::sha1, "abc", piece), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(digest_of(DigestKind::sha256, "abc", piece),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
  EXPECT_EQ(digest_of(DigestKind::md5, "", 1), "d41d8cd98f00b204e9800998ecf8427e");
}

}  // namespace
}  // namespace sightline
