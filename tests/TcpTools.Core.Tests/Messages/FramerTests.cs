using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TcpTools.Messages;
using Xunit;

namespace TcpTools.Tests.Messages;

/// <summary>Where messages end, whatever pieces they come in, and whatever somebody sends instead of them.</summary>
public sealed class FramerTests
{
    private static readonly string[] s_responses =
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.0 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n0a;x=y\n0123456789\n0\nTrail: er\n\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ];

    [Fact]
    public void Any_pieces_give_the_same_responses()
    {
        byte[] all = Encoding.ASCII.GetBytes(string.Concat(s_responses) + "rest of another protocol");
        for (int seed = 0; seed < 300; seed++)
        {
            Random random = new(seed);
            HttpFramer framer = HttpFramer.OfResponses();
            int start = 0;
            foreach (string expected in s_responses)
            {
                framer.Reset();
                int end = Feed(framer, all.AsSpan(start), random);
                Assert.Equal(expected, Encoding.ASCII.GetString(all, start, end));
                Assert.True(framer.Message!.IsComplete);
                start += end;
            }

            Assert.Equal("rest of another protocol", Encoding.ASCII.GetString(all, start, all.Length - start));
        }
    }

    [Fact]
    public void Interim_responses_belong_to_the_final_one()
    {
        HttpFramer framer = HttpFramer.OfResponses();
        framer.Time = DateTimeOffset.UnixEpoch;
        Assert.Equal(s_responses[1].Length, framer.Cut(Encoding.ASCII.GetBytes(s_responses[1]), false));
        Assert.Equal([100, 103], framer.InterimResponses.Select(m => m.StatusCode));
        Assert.Equal(204, framer.Message!.StatusCode);
        Assert.Equal(DateTimeOffset.UnixEpoch, framer.Message.StartTime);
    }

    [Fact]
    public void The_request_tells_what_has_no_body()
    {
        byte[] response = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        Assert.Equal(response.Length - 5, HttpFramer.OfResponses("head").Cut(response, false));
        Assert.Equal(response.Length - 5, HttpFramer.OfResponses("CONNECT").Cut(response, false));
        Assert.Equal(response.Length, HttpFramer.OfResponses("GET").Cut(response, false));
    }

    [Fact]
    public void A_body_without_a_length_ends_with_the_connection()
    {
        byte[] response = Encoding.ASCII.GetBytes("HTTP/1.0 200 OK\r\n\r\nall of this");
        HttpFramer framer = HttpFramer.OfResponses();
        Assert.Equal(0, framer.Cut(response, false));
        Assert.Equal(response.Length, framer.Cut(response, true));
        Assert.Equal("all of this", framer.Message!.Text);
    }

    [Fact]
    public void A_message_that_was_broken_off_is_there_as_far_as_it_came()
    {
        byte[] response = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
        HttpFramer framer = HttpFramer.OfResponses();
        Assert.Equal(0, framer.Cut(response, false));
        Assert.Equal(0, framer.Cut(response, true));
        Assert.Equal("hello", framer.Message!.Text);
        Assert.False(framer.Message.IsComplete);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n")]
    [InlineData("HTTP/1.1 hello\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello!")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello!")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n")]
    public void What_has_no_end_that_can_be_known_is_an_error(string text)
    {
        StackException error = Assert.Throws<StackException>(() =>
        {
            HttpFramer framer = HttpFramer.OfResponses();
            _ = framer.Cut(Encoding.ASCII.GetBytes(text), false);
            _ = framer.Cut(Encoding.ASCII.GetBytes(text), true);
        });
        Assert.Equal(StackError.InvalidData, error.Error);
        Assert.NotEqual("", error.Advice);
    }

    [Fact]
    public void Headers_without_end_and_interim_responses_without_number_are_bounded()
    {
        byte[] header = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 20_000)));
        Assert.Throws<StackException>(() => HttpFramer.OfResponses().Cut(header, false));
        byte[] line = Encoding.ASCII.GetBytes("HTTP/1.1 " + new string('9', 100_000));
        Assert.Throws<StackException>(() => HttpFramer.OfResponses().Cut(line, false));
        byte[] interim = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 10_000)));
        HttpFramer framer = HttpFramer.OfResponses();
        Assert.InRange(framer.Cut(interim, false), 1, 101 * 25);
    }

    [Fact]
    public void Requests_are_cut_as_well()
    {
        const string First = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
        byte[] both = Encoding.ASCII.GetBytes(First + "GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
        HttpFramer framer = HttpFramer.OfRequests();
        Assert.Equal(First.Length, framer.Cut(both, false));
        Assert.Equal(("POST", "/a", "abc"), (framer.Message!.Method, framer.Message.Target, framer.Message.Text));
        framer.Reset();
        Assert.Equal(both.Length - First.Length, framer.Cut(both.AsSpan(First.Length), false));
        Assert.Equal("/b", framer.Message.Target);
    }

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(2, false, false)]
    [InlineData(2, true, true)]
    [InlineData(4, true, false)]
    [InlineData(4, false, true)]
    [InlineData(8, false, false)]
    [InlineData(8, true, true)]
    public void Messages_with_their_length_in_front_come_back_whole(int prefix, bool littleEndian, bool includes)
    {
        for (int seed = 0; seed < 50; seed++)
        {
            Random random = new(seed);
            LengthFramer framer = new(prefix, littleEndian, includes, most: 1000);
            List<byte[]> contents = [.. Enumerable.Range(0, 10).Select(_ => Bytes(random, random.Next(0, 200)))];
            byte[] all = [.. contents.SelectMany(content => framer.Wrap(content))];
            int start = 0;
            foreach (byte[] content in contents)
            {
                int end = Feed(framer, all.AsSpan(start), random);
                Assert.Equal(content, all.AsSpan(start + prefix, end - prefix).ToArray());
                start += end;
            }

            Assert.Equal(all.Length, start);
        }
    }

    [Fact]
    public void Lengths_that_cannot_be_are_told_before_anything_is_waited_for()
    {
        Assert.Equal(StackError.MessageTooLong, Assert.Throws<StackException>(
            () => new LengthFramer(8, most: 1000).Cut([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], false)).Error);
        Assert.Equal(StackError.MessageTooLong, Assert.Throws<StackException>(
            () => new LengthFramer(4, most: 2).Cut([0, 0, 0, 0], false)).Error);
        Assert.Equal(StackError.InvalidData, Assert.Throws<StackException>(
            () => new LengthFramer(4, includesPrefix: true).Cut([0, 0, 0, 3], false)).Error);
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => new LengthFramer(3)).Error);
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => new LengthFramer(1).Wrap(new byte[256])).Error);
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => new DelimiterFramer([])).Error);
    }

    [Fact]
    public void A_mark_is_found_wherever_the_pieces_part_it()
    {
        byte[] all = Encoding.ASCII.GetBytes("a\r\r\nb\r\n\r\n\rc\n\r\n");
        for (int seed = 0; seed < 200; seed++)
        {
            Random random = new(seed);
            DelimiterFramer framer = new("\r\n"u8);
            List<string> lines = [];
            int start = 0;
            while (start < all.Length)
            {
                framer.Reset();
                int end = Feed(framer, all.AsSpan(start), random);
                lines.Add(Encoding.ASCII.GetString(all, start, end));
                start += end;
            }

            Assert.Equal(["a\r\r\n", "b\r\n", "\r\n", "\rc\n\r\n"], lines);
        }
    }

    [Fact]
    public void Whatever_comes_nothing_breaks_and_nothing_is_cut_that_is_not_there()
    {
        string[] seeds = [.. s_responses, "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"];
        for (int seed = 0; seed < 20_000; seed++)
        {
            Random random = new(seed);
            byte[] bytes = seed % 4 == 0 ? Bytes(random, random.Next(0, 300)) : Encoding.Latin1.GetBytes(seeds[random.Next(seeds.Length)]);
            for (int i = random.Next(0, 6); i > 0 && bytes.Length > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            IMessageFramer framer = (seed % 5) switch
            {
                0 => new LengthFramer(1 << random.Next(4), seed % 2 == 0, seed % 3 == 0, most: 4096),
                1 => HttpFramer.OfRequests(),
                _ => HttpFramer.OfResponses(seed % 7 == 0 ? "HEAD" : "GET"),
            };
            try
            {
                for (int have = 0; have <= bytes.Length; have = Math.Min(bytes.Length, have + random.Next(1, 60)))
                {
                    int end = framer.Cut(bytes.AsSpan(0, have), false);
                    Assert.InRange(end, 0, have);
                    if (end > 0)
                    {
                        break;
                    }

                    if (have == bytes.Length)
                    {
                        Assert.InRange(framer.Cut(bytes, true), 0, have);
                        break;
                    }
                }
            }
            catch (StackException e)
            {
                Assert.True(e.Error is StackError.InvalidData or StackError.MessageTooLong, $"seed {seed}: {e.Message}");
            }
        }
    }

    /// <summary>Shows a framer more and more of the bytes until it cuts.</summary>
    private static int Feed(IMessageFramer framer, ReadOnlySpan<byte> bytes, Random random)
    {
        int have = 0;
        while (true)
        {
            int end = framer.Cut(bytes[..have], false);
            if (end > 0)
            {
                return end;
            }

            Assert.True(have < bytes.Length, "The end was not found.");
            have = Math.Min(bytes.Length, have + random.Next(1, 20));
        }
    }

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
