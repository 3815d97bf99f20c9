// SPDX-License-Identifier: Apache-2.0
#include "net/http.h"

#include <gtest/gtest.h>

#include "net/server.h"

namespace fncard::net {
namespace {

TEST(Url, IsTakenApart) {
  const auto url = Url::parse("HTTPS://Portal.Example:8443/api/v1?x=1&y=%20");
  ASSERT_TRUE(url.has_value());
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "portal.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/api/v1?x=1&y=%20");
  EXPECT_EQ(url->origin(), "https://portal.example:8443");
}

TEST(Url, HasTheUsualPortAndTarget) {
  EXPECT_EQ(Url::parse("http://a")->port, 80);
  EXPECT_EQ(Url::parse("https://a")->port, 443);
  EXPECT_EQ(Url::parse("https://a")->target, "/");
  EXPECT_EQ(Url::parse("https://a?x")->target, "/?x");
  EXPECT_EQ(Url::parse("https://a")->origin(), "https://a:443");
}

TEST(Url, ReadsAnIpv6AddressInBrackets) {
  const auto url = Url::parse("http://[::1]:8080/x");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 8080);
  EXPECT_EQ(url->origin(), "http://[::1]:8080");
}

TEST(Url, RefusesEverythingElse) {
  const std::string tooLong = "http://a/" + std::string(9000, 'x');
  for (const std::string& text : {std::string(""),
                                  std::string("a"),
                                  std::string("ftp://a/"),
                                  std::string("http:/a"),
                                  std::string("http://"),
                                  std::string("http:///x"),
                                  std::string("http://user@a/"),
                                  std::string("http://a:b@c/"),
                                  std::string("http://a:0/"),
                                  std::string("http://a:65536/"),
                                  std::string("http://a:/"),
                                  std::string("http://a:8x/"),
                                  std::string("http://a/#part"),
                                  std::string("http://a/ b"),
                                  std::string("http://a/\r\nX: y"),
                                  std::string("http://a b/"),
                                  std::string("http://[::1"),
                                  std::string("http://[::1]x/"),
                                  std::string("http://[]/"),
                                  std::string("http://[g]/"),
                                  std::string("http://a\\b/"),
                                  std::string("http://\xC3\xA4/"),
                                  std::string("file:///etc"),
                                  std::string("javascript://a"),
                                  tooLong}) {
    const auto url = Url::parse(text);
    ASSERT_FALSE(url.has_value()) << text;
    EXPECT_EQ(url.error().code, ErrorCode::InvalidUrl);
  }
}

TEST(Form, KeepsOrderAndRepeatedKeys) {
  const auto form = parseForm("b=1&a=2&b=%E4%B8%AD+x&c&=d&&e=f%3D");
  ASSERT_TRUE(form.has_value());
  const Form expected = {{"b", "1"}, {"a", "2"}, {"b", "中 x"}, {"c", ""}, {"", "d"}, {"e", "f="}};
  EXPECT_EQ(*form, expected);
  EXPECT_EQ(formValue(*form, "b"), "1");
  EXPECT_EQ(formValue(*form, "zz"), "");
}

TEST(Form, ReadsBackWhatItWrote) {
  std::string every;
  for (int c = 0; c < 256; ++c) {
    every += static_cast<char>(c);
  }
  const Form form = {{"key &=+%", every}, {"", ""}, {"中", "~*-._ "}};
  EXPECT_EQ(parseForm(encodeForm(form)), form);
}

TEST(Form, RefusesBrokenEscapesAndTooManyFields) {
  for (const char* body : {"a=%", "a=%4", "a=%zz", "%G0=1", "a=1&b=%2"}) {
    EXPECT_FALSE(parseForm(body).has_value()) << body;
  }
  std::string many;
  for (int i = 0; i < 200; ++i) {
    many += "a=1&";
  }
  EXPECT_EQ(parseForm(many)->size(), 200U);
  EXPECT_EQ(parseForm(many + "a=1").error().code, ErrorCode::TooLarge);
}

TEST(PercentDecode, ReadsPlusAsItIsAsked) {
  EXPECT_EQ(percentDecode("a+b%2B", true), "a b+");
  EXPECT_EQ(percentDecode("a+b%2B", false), "a+b+");
  EXPECT_EQ(percentDecode("%41", false), "A");
  EXPECT_EQ(percentDecode("%4", false), std::nullopt);
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router_.add("GET", "/orders/{id}", [](const Request&, const Router::Parameters& parameters) {
      return Response::text(200, "order " + parameters.at("id"));
    });
    router_.add("POST", "/orders/{id}",
                [](const Request&, const Router::Parameters&) { return Response::noContent(); });
    router_.add("GET", "/", [](const Request&, const Router::Parameters&) {
      return Response::text(200, "root");
    });
    router_.add("GET", "/ocsp/{request*}",
                [](const Request&, const Router::Parameters& parameters) {
                  return Response::text(200, parameters.at("request"));
                });
  }
  Response ask(const std::string& method, const std::string& target) {
    Request request;
    request.method = method;
    request.target = target;
    return router_.route(request);
  }
  Router router_;
};

TEST_F(RouterTest, GivesTheParametersOfThePath) {
  EXPECT_EQ(ask("GET", "/orders/17?x=/y").body, "order 17");
  EXPECT_EQ(ask("GET", "/orders/a%2Fb").body, "order a/b");
  EXPECT_EQ(ask("GET", "/").body, "root");
  EXPECT_EQ(ask("POST", "/orders/17").status, 204);
}

TEST_F(RouterTest, GivesTheRestOfThePathWithItsSlashes) {
  EXPECT_EQ(ask("GET", "/ocsp/MEow/SDB/GMEQ%3D").body, "MEow/SDB/GMEQ=");
  EXPECT_EQ(ask("GET", "/ocsp/a").body, "a");
  EXPECT_EQ(ask("GET", "/ocsp").status, 404);
}

TEST_F(RouterTest, SendsHeadToTheHandlerOfGet) {
  EXPECT_EQ(ask("HEAD", "/orders/17").body, "order 17");
}

TEST_F(RouterTest, AnswersUnknownPathsWith404) {
  for (const char* target : {"/order/17", "/orders", "/orders/", "/orders//", "/orders/1/2",
                             "orders/1", "", "/orders/%zz", "//"}) {
    EXPECT_EQ(ask("GET", target).status, 404) << target;
  }
}

TEST_F(RouterTest, AnswersOtherMethodsWith405AndWhatIsAllowed) {
  const Response response = ask("DELETE", "/orders/17");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.at("allow"), "GET, HEAD, POST");
  EXPECT_NE(response.body.find("request.method-not-allowed"), std::string::npos);
}

TEST_F(RouterTest, LetsTheProgramWordItsOwnRefusal) {
  router_.onUnknown([](const Request& request, int status) {
    return Response::text(status, "no " + std::string(request.path()));
  });
  EXPECT_EQ(ask("GET", "/x").body, "no /x");
  EXPECT_EQ(ask("PUT", "/orders/1").headers.at("allow"), "GET, HEAD, POST");
}

}  // namespace
}  // namespace fncard::net
