#include "base/markup.h"

#include <gtest/gtest.h>

namespace sightline {
namespace {

TEST(Markup, StandsForItself) {
  std::string out = "<p>";
  append_escaped(out, "a<b> & \"c\" 'd'\r\n\té");
  EXPECT_EQ(out, "<p>a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;&#13;\n\té");
}

TEST(Markup, WhatXmlCannotSayIsReplaced) {
  std::string out;
  append_escaped(out, std::string_view("a\0b\x1B", 4));
  EXPECT_EQ(out,
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
}

}  // namespace
}  // namespace sightline
