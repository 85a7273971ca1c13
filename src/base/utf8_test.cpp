#include "base/utf8.h"

#include <gtest/gtest.h>

namespace sightline {
namespace {

TEST(Utf8, KnowsTextFromBytes) {
  EXPECT_TRUE(is_utf8("a\u00e4\u20ac\U0001F600\0z"));
  for (const char* text : {"\xff", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                           "\xf0\x80\x80\x80", "\x80"}) {
    EXPECT_FALSE(is_utf8(text));
  }
  EXPECT_EQ(count_characters("a\u00e4\U0001F600"), 3U);
}

TEST(Utf8, ReadsItsFirstCharacter) {
  const auto read = [](std::string_view text) {
    const auto [length, code_point] = first_character(text);
    return std::pair(length, static_cast<std::uint32_t>(code_point));
  };
  EXPECT_EQ(read("ab"), std::pair(std::size_t{1}, 0x61U));
  EXPECT_EQ(read("\u00fcb"), std::pair(std::size_t{2}, 0xFCU));
  EXPECT_EQ(read("\uFFFE"), std::pair(std::size_t{3}, 0xFFFEU));
  EXPECT_EQ(read("\U0010FFFF"), std::pair(std::size_t{4}, 0x10FFFFU));
  for (const char* text : {"", "\x80", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80"})
    EXPECT_EQ(read(text).first, 0U) << text;
}

TEST(Utf8, WhatIsTextStaysAndEveryOtherByteIsReplaced) {
  EXPECT_EQ(as_utf8("k\xC3\xA4se \xE2\x82\xAC \xF0\x9F\x98\x80"),
            "k\xC3\xA4se \xE2\x82\xAC \xF0\x9F\x98\x80");
  EXPECT_EQ(as_utf8("a\xFF"
                    "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(as_utf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD") << "an overlong form";
  EXPECT_EQ(as_utf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD") << "a surrogate";
  EXPECT_EQ(as_utf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD") << "cut off";
}

TEST(Printable, WhatWouldSteerATerminalIsAnEscape) {
  EXPECT_EQ(printable("photos/caf\xC3\xA9 \xE2\x82\xAC.jpg"), "photos/caf\xC3\xA9 \xE2\x82\xAC.jpg");
  EXPECT_EQ(printable("a\nb\r\t\x1B[31m\x7F\xC2\x9Bx"), "a\\nb\\x0D\\x09\\x1B[31m\\x7F\\u009Bx");
  EXPECT_EQ(printable(std::string_view("\0\xFF", 2)), "\\x00\xEF\xBF\xBD");
}

}  // namespace
}  // namespace sightline
