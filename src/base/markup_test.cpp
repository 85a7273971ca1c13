#include "base/markup.h"

#include <gtest/gtest.h>

namespace sightline {
namespace {

TEST(Markup, StandsForItself) {
  std::string out = "<p>";
  append_escaped(out, "a<b> & \"c\" 'd'\r\n\té");
  EXPECT_EQ(out, "<p>a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;&#13;\n\té");
}

TEST(Markup, WhatXmlCannotCarryIsReplaced) {
  const auto escaped = [](std::string_view text) {
    std::string out;
    append_escaped(out, text);
    return out;
  };
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(escaped(std::string_view("a\0b\x1B", 4)), "a" + mark + "b" + mark);
  EXPECT_EQ(escaped("\uFFFD\uFFFE\uFFFF\uE000\U00010000\U0010FFFF"),
            "\uFFFD" + mark + mark + "\uE000\U00010000\U0010FFFF");
  EXPECT_EQ(escaped("a\xFF\xC3"), "a" + mark + mark);
}

TEST(Markup, KnowsWhatXmlCanCarry) {
  for (const char* text :
       {"", "a b\t\r\n<&>", "\u00FC", "\x7F", "\uD7FF\uE000\uFFFD", "\U00010000\U0010FFFF"})
    EXPECT_TRUE(is_xml_text(text)) << text;
  for (const std::string_view text :
       {std::string_view("\0", 1), std::string_view("\x01"), std::string_view("a\x08"),
        std::string_view("\x1F"), std::string_view("\uFFFE"), std::string_view("\uFFFF"),
        std::string_view("\xFF"), std::string_view("\xED\xA0\x80")})
    EXPECT_FALSE(is_xml_text(text)) << text;
}

}  // namespace
}  // namespace sightline
