using System;
using System.Collections.Concurrent;
using System.Linq;
using TcpTools.Lab;
using TcpTools.Stack;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Sockets;

/// <summary>Events and waits of sessions that the kernel's TCP runs.</summary>
public sealed class KernelSessionEventTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Data_and_the_end_are_told()
    {
        using KernelPair pair = new("127.0.0.1");
        ConcurrentQueue<SessionEventArgs> told = new();
        using SessionWatch watch = pair.Near.Watch(SessionEvents.All, (_, e) => told.Enqueue(e));
        pair.Far.Write("hello"u8);
        Assert.True(Tool.Until(() => told.Any(e => e.Kind == SessionEvents.DataAvailable && e.Available == 5), s_limit));
        byte[] data = new byte[10];
        Assert.Equal(5, pair.Near.Read(data));
        pair.Far.Write("again"u8);
        Assert.True(Tool.Until(() => told.Count(e => e.Kind == SessionEvents.DataAvailable) == 2, s_limit));
        pair.Far.Abort();
        Assert.True(pair.Near.WaitFor(SessionCondition.Closed, s_limit));
        Assert.True(Tool.Until(() => told.Any(e => e.Kind == SessionEvents.Closed), s_limit));
        Assert.Equal(
            [SessionEvents.StateChanged, SessionEvents.Reset, SessionEvents.Closed],
            told.Where(e => e.Kind != SessionEvents.DataAvailable).Select(e => e.Kind));
        Assert.Equal(["CLOSED", "SYN-SENT", "ESTABLISHED", "CLOSED"], pair.Near.StateHistory.Select(state => state.Name));
    }

    [Fact]
    public void Sessions_of_the_kernel_and_of_a_stack_are_waited_for_together()
    {
        using KernelPair pair = new("127.0.0.1");
        pair.Far.Write("hello"u8);
        SessionGoal goal = new() { Pattern = "ll"u8.ToArray() };
        Assert.Equal([pair.Near], SessionWait.For([pair.Far, pair.Near], goal, true, s_limit));
        pair.Far.Close();
        Assert.Equal(
            [pair.Near], SessionWait.For([pair.Near], new SessionGoal { State = TcpState.CloseWait }, false, s_limit));
    }
}
