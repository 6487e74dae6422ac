using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using TcpTools.Messages;
using TcpTools.Streams;
using Xunit;

namespace TcpTools.Tests.Streams;

/// <summary>Requests and responses found on streams (RFC 9112).</summary>
public sealed class HttpTests
{
    private const string Get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

    [Fact]
    public void A_request_and_its_response_are_paired()
    {
        HttpExchange exchange = Assert.Single(Converse(
            ">GET /index.html?q=1 HTTP/1.1\r\nHost: example.org\r\nAccept: a\r\nAccept:  b, c \r\n\r\n",
            "<HTTP/1.1 200 Very OK\r\nContent-Length: 5\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nh\u00e9llo"));
        Assert.Equal(("GET", "http://example.org/index.html?q=1", 200), (exchange.Method, exchange.Url, exchange.StatusCode));
        Assert.Equal(["a", "b", "c"], exchange.Request!.HeaderValues("ACCEPT"));
        Assert.Equal(("Very OK", "h\u00e9llo", "text/plain"), (exchange.Response!.Reason, exchange.Response.Text, exchange.Response.ContentType));
        Assert.True(exchange.IsComplete);
        Assert.Equal(TimeSpan.FromMilliseconds(1), exchange.Latency);
        Assert.Equal("GET /index.html?q=1 HTTP/1.1 -> HTTP/1.1 200 Very OK", exchange.ToString());
    }

    [Fact]
    public void Any_pieces_give_the_same_messages()
    {
        const string Requests = Get + "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\nTrail: er\r\n\r\n" + "HEAD /c HTTP/1.0\r\n\r\n";
        const string Responses = "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nxyzHTTP/1.0 200 OK\r\nContent-Length: 9999\r\n\r\n";
        for (int seed = 0; seed < 200; seed++)
        {
            Random random = new(seed);
            List<string> parts = [">" + Requests[..4]];
            int request = 4;
            int response = 0;
            while (request < Requests.Length || response < Responses.Length)
            {
                bool isRequest = request < Requests.Length && (random.Next(3) > 0 || response == Responses.Length);
                ref int at = ref isRequest ? ref request : ref response;
                string text = isRequest ? Requests : Responses;
                // A response does not come before its request.
                if (!isRequest && request < Requests.Length)
                {
                    continue;
                }

                int length = Math.Min(random.Next(1, 30), text.Length - at);
                parts.Add($"{(isRequest ? '>' : '<')}{text.AsSpan(at, length)}");
                at += length;
            }

            List<HttpExchange> found = Converse([.. parts]);
            Assert.Equal([("GET", 204), ("POST", 200), ("HEAD", 200)], found.Select(e => (e.Method, e.StatusCode)));
            Assert.All(found, e => Assert.True(e.IsComplete, $"seed {seed}"));
            Assert.Equal("abc0123456789", found[1].Request!.Text);
            Assert.Equal("er", found[1].Request!.Trailers.Single().Value);
            Assert.Equal(100, found[1].InterimResponses.Single().StatusCode);
            Assert.Equal("xyz", found[1].Response!.Text);
            Assert.Empty(found[2].Response!.Body);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public void Content_codings_are_undone(string coding)
    {
        byte[] plain = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("long and boring ", 100)));
        using MemoryStream packed = new();
        using (Stream stream = coding switch
        {
            "gzip" => new GZipStream(packed, CompressionMode.Compress, true),
            "br" => new BrotliStream(packed, CompressionMode.Compress, true),
            _ => new ZLibStream(packed, CompressionMode.Compress, true),
        })
        {
            stream.Write(plain);
        }

        string body = Encoding.Latin1.GetString(packed.ToArray());
        HttpMessage message = Converse(">" + Get, $"<HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {body.Length}\r\n\r\n{body}").Single().Response!;
        Assert.Equal(plain, message.Content);
        Assert.Equal(body.Length, message.Body.Length);

        HttpMessage damaged = Converse(">" + Get, $"<HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: 20\r\n\r\n{body[..20]}").Single().Response!;
        Assert.True(damaged.Content.Length < plain.Length);
    }

    [Fact]
    public void Without_a_length_the_body_goes_to_the_end()
    {
        HttpExchange exchange = Assert.Single(Converse(">" + Get, "<HTTP/1.0 200 OK\r\n\r\none ", "<two", "<FIN"));
        Assert.Equal("one two", exchange.Response!.Text);
        Assert.True(exchange.Response.IsComplete);
    }

    [Fact]
    public void After_an_upgrade_or_CONNECT_nothing_is_HTTP()
    {
        Assert.Equal([101], Converse(
            ">GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", "<HTTP/1.1 101 Switching Protocols\r\n\r\n\u0081\u0003abc", ">GET /not HTTP/1.1\r\n\r\n").Select(e => e.StatusCode));
        Assert.Equal([("CONNECT", 200)], Converse(
            ">CONNECT h:443 HTTP/1.1\r\n\r\n", "<HTTP/1.1 200 OK\r\n\r\n", ">GET /not HTTP/1.1\r\n\r\n").Select(e => (e.Method, e.StatusCode)));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", HttpAnomalyKind.BadLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n", HttpAnomalyKind.BadLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", HttpAnomalyKind.LengthAndChunked)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", HttpAnomalyKind.BadChunk)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", HttpAnomalyKind.BadChunk)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", HttpAnomalyKind.BadChunk)]
    [InlineData("HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 0\r\n\r\n", HttpAnomalyKind.BadHeader)]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\r\n  folded\r\nContent-Length: 0\r\n\r\n", HttpAnomalyKind.BadHeader)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nshort", HttpAnomalyKind.Truncated)]
    [InlineData("HTTP/1.1 2x0 OK\r\n\r\n", HttpAnomalyKind.BadStartLine)]
    public void What_is_wrong_is_told_with_what_there_is(string response, HttpAnomalyKind kind)
    {
        // The first exchange shows that this is HTTP.
        HttpExchange exchange = Converse(">" + Get + Get, "<HTTP/1.1 204 No\r\n\r\n", "<" + response)[1];
        Assert.Contains(kind, (exchange.Response ?? exchange.Request)!.Anomalies.Select(a => a.Kind));
    }

    [Fact]
    public void Headers_and_bodies_have_limits()
    {
        HttpExchange endless = Assert.Single(Converse([">" + Get, "<HTTP/1.1 200 OK\r\n", .. Enumerable.Repeat("<X: " + new string('y', 1000) + "\r\n", 100)]));
        Assert.Equal(HttpAnomalyKind.HeaderTooLong, endless.Response!.Anomalies.Single().Kind);
        Assert.InRange(endless.Response.Headers.Count, 1, 70);

        HttpExchange large = Assert.Single(Converse(">" + Get, "<HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n", "<" + new string('x', 20000)));
        Assert.Equal((10_000, 20_000), (large.Response!.Body.Length, large.Response.BodyLength));
        Assert.Equal(HttpAnomalyKind.BodyCut, large.Response.Anomalies.Single().Kind);
        Assert.True(large.IsComplete);
    }

    [Fact]
    public void A_gap_in_a_body_is_told_and_the_next_message_found()
    {
        List<HttpExchange> found = Converse(
            ">" + Get, "<HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "<LOSE 4", "<hij", ">" + Get, "<HTTP/1.1 204 No\r\n\r\n");
        Assert.Equal([200, 204], found.Select(e => e.StatusCode));
        Assert.Equal("abchij", found[0].Response!.Text);
        Assert.Equal(HttpAnomalyKind.Gap, found[0].Response!.Anomalies.Single().Kind);

        found = Converse(">" + Get, "<HTTP/1.1 200 OK\r\nConte", "<LOSE 40", "<rubbish", ">" + Get, "<HTTP/1.1 204 No\r\n\r\n");
        Assert.Contains(204, found.Select(e => e.StatusCode));
    }

    [Fact]
    public void A_response_may_come_before_its_request_is_whole_and_requests_may_stay_unanswered()
    {
        List<HttpExchange> found = Converse(
            ">POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc", "<HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n", ">def", ">" + Get);
        Assert.Equal([("POST", 413), ("GET", 0)], found.Select(e => (e.Method, e.StatusCode)));
        Assert.Equal("abcdef", found[0].Request!.Text);
        Assert.Null(found[1].Latency);
    }

    [Fact]
    public void Other_protocols_give_nothing_and_random_bytes_do_no_harm()
    {
        Assert.Empty(Converse("<220 mail ESMTP\r\n", ">EHLO me\r\n"));
        Assert.Empty(Converse(">PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        Assert.Empty(Converse(">\u0016\u0003\u0001\u0002\0\u0001"));
        Random random = new(5);
        string[] words = ["GET ", "HTTP/1.1 ", "200", "\r\n", "\r\n\r\n", "Content-Length: ", "Transfer-Encoding: chunked", "0", "5", ":", "abc", " ", "\n", "FIN"];
        for (int i = 0; i < 3000; i++)
        {
            Converse([">" + Get, .. Enumerable.Range(0, random.Next(20)).Select(_ =>
                (random.Next(2) == 0 ? ">" : "<") + string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => words[random.Next(words.Length)])))]);
        }
    }

    /// <summary>Sends texts from the client (&gt;) and the server (&lt;) through an assembler; LOSE n leaves out bytes.</summary>
    private static List<HttpExchange> Converse(params string[] parts)
    {
        List<HttpExchange> found = [];
        HttpObserver observer = new(found.Add, null, 10_000);
        TcpStreamAssembler assembler = new(observer);
        StreamRig feed = new(assembler: assembler);
        feed.Open();
        long client = 0;
        long server = 0;
        foreach (string part in parts)
        {
            bool isClient = part[0] == '>';
            string text = part[1..];
            if (text.StartsWith("LOSE ", StringComparison.Ordinal))
            {
                server += int.Parse(text[5..], System.Globalization.CultureInfo.InvariantCulture);
                feed.Client(client, "", ack: server);
                feed.Wait(1);
            }
            else if (text == "FIN" && !isClient)
            {
                feed.Server(server, "", TcpTools.Wire.TcpFlags.Fin | TcpTools.Wire.TcpFlags.Ack, client);
            }
            else if (isClient)
            {
                feed.Client(client, text, ack: server);
                client += text.Length;
            }
            else
            {
                feed.Server(server, text, ack: client);
                server += text.Length;
                feed.Client(client, "", ack: server);
            }
        }

        assembler.Finish();
        return found;
    }
}
