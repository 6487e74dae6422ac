using System;
using System.Linq;
using System.Text;
using TcpTools.Stack;
using Xunit;

namespace TcpTools.Tests.Stack;

public class SessionReaderTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(2);

    [Fact]
    public void Reads_through_a_mark_and_leaves_the_rest_in_the_session()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        server.Write("one\r\ntwo\r\n"u8);

        Assert.Equal("one\r\n", Text(SessionReader.For(client).ReadThrough("\r\n"u8.ToArray(), s_limit, out bool complete)));
        Assert.True(complete);
        Assert.Equal(5, client.Available);
    }

    [Fact]
    public void Finds_a_mark_that_arrives_in_two_parts()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        SessionReader reader = SessionReader.For(client);
        server.Write("head\r"u8);
        Assert.Throws<StackException>(() => reader.ReadThrough("\r\n"u8.ToArray(), TimeSpan.FromSeconds(1), out _));
        server.Write("\nbody"u8);

        Assert.Equal("head\r\n", Text(reader.ReadThrough("\r\n"u8.ToArray(), s_limit, out _)));
        Assert.Equal("body", Text(reader.ReadAvailable(100, s_limit)));
    }

    [Fact]
    public void Keeps_what_came_when_a_read_runs_out_of_time()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        SessionReader reader = SessionReader.For(client);
        server.Write("abc"u8);

        StackException error = Assert.Throws<StackException>(() => reader.ReadExactly(4, s_limit));
        Assert.Equal(StackError.TimedOut, error.Error);
        Assert.Equal(3, reader.Held);
        server.Write("d"u8);
        Assert.Equal("abcd", Text(reader.ReadExactly(4, s_limit)));
    }

    [Fact]
    public void Gives_what_was_left_without_a_mark_and_then_nothing()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        SessionReader reader = SessionReader.For(client);
        server.Write("rest"u8);
        server.Shutdown();

        Assert.Equal("rest", Text(reader.ReadThrough(";"u8.ToArray(), s_limit, out bool complete)));
        Assert.False(complete);
        Assert.Empty(reader.ReadAvailable(10, s_limit));
        Assert.Empty(reader.ReadToEnd(s_limit));
        Assert.Empty(reader.ReadExactly(1, s_limit));
    }

    [Fact]
    public void Reads_more_than_any_buffer_holds_to_the_end()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        byte[] sent = new byte[200_000];
        new Random(4).NextBytes(sent);
        server.WriteAll(sent, s_limit);
        server.Shutdown();

        Assert.Equal(sent, SessionReader.For(client).ReadToEnd(s_limit));
    }

    [Fact]
    public void Gives_no_more_than_asked_for_and_takes_bytes_back()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        SessionReader reader = SessionReader.For(client);
        server.Write("abcdef"u8);

        Assert.Equal("abcd", Text(reader.ReadAvailable(4, s_limit)));
        reader.Unread("cd"u8);
        Assert.Equal("cde", Text(reader.ReadAvailable(3, s_limit)));
        Assert.Equal("f", Text(reader.ReadAvailable(4, s_limit)));
    }

    [Fact]
    public void Gives_what_it_holds_before_the_error_that_ended_the_session()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        SessionReader reader = SessionReader.For(client);
        server.Write("abc"u8);
        Assert.Throws<StackException>(() => reader.ReadExactly(4, s_limit));
        server.Abort();
        rig.Network.RunUntilIdle();

        Assert.Equal("abc", Text(reader.ReadAvailable(10, s_limit)));
        Assert.Equal(StackError.ConnectionReset, Assert.Throws<StackException>(() => reader.ReadAvailable(10, s_limit)).Error);
    }

    [Fact]
    public void Refuses_an_empty_mark_and_is_one_for_each_session()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();

        Assert.Same(SessionReader.For(client), SessionReader.For(client));
        Assert.NotSame(SessionReader.For(client), SessionReader.For(server));
        Assert.Throws<StackException>(() => SessionReader.For(client).ReadThrough(Array.Empty<byte>(), s_limit, out _));
    }

    [Fact]
    public void Cuts_messages_and_leaves_what_follows_in_the_session()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        SessionReader reader = SessionReader.For(client);
        server.Write("one.two.thr"u8);

        Assert.Equal("one.", Text(reader.ReadMessage(Dot, 100, s_limit, out bool complete)));
        Assert.True(complete);
        Assert.Equal(7, client.Available + reader.Held);
        Assert.Equal("two.", Text(reader.ReadMessage(Dot, 100, s_limit, out _)));
        Assert.Throws<StackException>(() => reader.ReadMessage(Dot, 100, s_limit, out _));
        server.Write("ee.rest"u8);
        Assert.Equal("three.", Text(reader.ReadMessage(Dot, 100, s_limit, out _)));
        server.Shutdown();
        Assert.Equal("rest", Text(reader.ReadMessage(Dot, 100, s_limit, out complete)));
        Assert.False(complete);
        Assert.Empty(reader.ReadMessage(Dot, 100, s_limit, out complete));
        Assert.False(complete);
    }

    [Fact]
    public void A_message_that_is_too_long_or_none_loses_nothing()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        SessionReader reader = SessionReader.For(client);
        server.Write("much too long."u8);
        rig.Network.RunUntilIdle();

        StackException error = Assert.Throws<StackException>(() => reader.ReadMessage(Dot, 5, s_limit, out _));
        Assert.Equal(StackError.MessageTooLong, error.Error);
        Assert.Throws<FormatException>(() => reader.ReadMessage((_, _) => throw new FormatException(), 100, s_limit, out _));
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(
            () => reader.ReadMessage((bytes, _) => bytes.Length + 1, 100, s_limit, out _)).Error);
        Assert.Equal("much too long.", Text(reader.ReadMessage(Dot, 100, s_limit, out _)));
    }

    private static int Dot(ReadOnlySpan<byte> bytes, bool isEnd) => bytes.IndexOf((byte)'.') + 1;

    private static string Text(byte[] bytes) => Encoding.ASCII.GetString(bytes.ToArray());
}
