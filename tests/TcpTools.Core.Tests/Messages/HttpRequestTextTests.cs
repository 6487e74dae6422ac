using System.Collections.Generic;
using System.Text;
using TcpTools.Messages;
using Xunit;

namespace TcpTools.Tests.Messages;

/// <summary>Requests that are made, and requests that are recognized.</summary>
public sealed class HttpRequestTextTests
{
    [Fact]
    public void A_request_has_a_host_and_with_a_body_a_length()
    {
        Assert.Equal("GET /a HTTP/1.1\r\nHost: h:81\r\n\r\n", Text(HttpRequestText.Make("GET", "/a", "h:81")));
        Assert.Equal(
            "POST / HTTP/1.1\r\nhost: own\r\nX: y\r\nContent-Length: 3\r\n\r\nabc",
            Text(HttpRequestText.Make("POST", "/", "h", [new("host", "own"), new("X", "y")], "abc"u8.ToArray())));
        Assert.Equal("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", Text(HttpRequestText.Make("PUT", "/", "h")));
        Assert.Equal(
            "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            Text(HttpRequestText.Make("PUT", "/", "h", [new("Transfer-Encoding", "chunked")], "0\r\n\r\n"u8.ToArray())));
    }

    [Theory]
    [InlineData("G ET", "/", "X", "y")]
    [InlineData("", "/", "X", "y")]
    [InlineData("GET", "/a b", "X", "y")]
    [InlineData("GET", "/\r\nX: y", "X", "y")]
    [InlineData("GET", "/", "X\r\nY", "y")]
    [InlineData("GET", "/", "", "y")]
    [InlineData("GET", "/", "X", "y\r\nInjected: z")]
    public void What_would_break_out_of_its_line_is_refused(string method, string target, string name, string value)
    {
        StackException error = Assert.Throws<StackException>(
            () => HttpRequestText.Make(method, target, "h", [new KeyValuePair<string, string>(name, value)]));
        Assert.Equal(StackError.InvalidArgument, error.Error);
    }

    [Theory]
    [InlineData("GET /", true)]
    [InlineData("DELETE /a/b?c=d", true)]
    [InlineData("OPTIONS *", true)]
    [InlineData("GET http://h/", true)]
    [InlineData("GET / HTTP/1.1", false)]
    [InlineData("get /", false)]
    [InlineData("GET", false)]
    [InlineData("GET /\r\n", false)]
    [InlineData("HELO there", false)]
    [InlineData("", false)]
    public void A_short_request_is_a_method_and_a_target(string text, bool isShort)
    {
        Assert.Equal(isShort, HttpRequestText.TryReadShort(text, out _, out _));
    }

    [Theory]
    [InlineData("HEAD / HTTP/1.0\r\n\r\n", "HEAD")]
    [InlineData("GET /a b HTTP/1.1\n", "GET")]
    [InlineData("GET / HTTP/1.1", null)]
    [InlineData("hello HTTP/1.1\n", null)]
    [InlineData("EHLO x\r\n", null)]
    [InlineData("", null)]
    public void The_method_of_a_whole_request_is_found(string text, string? method)
    {
        Assert.Equal(method, HttpRequestText.MethodOf(Encoding.ASCII.GetBytes(text)));
    }

    private static string Text(byte[] bytes) => Encoding.Latin1.GetString(bytes);
}
