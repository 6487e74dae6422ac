using System;
using System.Threading;

namespace TcpTools.Probing;

/// <summary>How packets are sent and their answers waited for.</summary>
public sealed record ExchangeOptions
{
    /// <summary>How long each packet's answer is waited for after it was sent last; infinite waits until the exchange is ended.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How often an unanswered packet is sent again, each time its timeout has passed. A negative number -n works in rounds:
    /// when all packets have had their time, the unanswered are sent again, until n rounds in a row have brought no answer.
    /// </summary>
    public int Retry { get; init; }

    /// <summary>Every answer to a packet is a result, not only the first; each packet is waited for to the end of its time.</summary>
    public bool Multi { get; init; }

    /// <summary>The first answer ends the exchange.</summary>
    public bool First { get; init; }

    /// <summary>The least time between two packets.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>
    /// How many packets a second are sent at most; who is late catches up what was missed in the last 10 ms. With 0, as many as
    /// answers keep up with, and about 10,000 a second where none come.
    /// </summary>
    public double Rate { get; init; }

    /// <summary>How many packets may be on their way at one time. More wait for room, so that memory stays bounded.</summary>
    public int Capacity { get; init; } = 65536;

    /// <summary>What answers what.</summary>
    public ReplyRules Rules { get; init; } = ReplyRules.Default;

    /// <summary>Throws when the options do not fit.</summary>
    /// <exception cref="StackException">Which one, and what would fit.</exception>
    public void Validate()
    {
        Check(Timeout >= TimeSpan.Zero || Timeout == System.Threading.Timeout.InfiniteTimeSpan, "The timeout is at least 0, or infinite.");
        Check(Interval >= TimeSpan.Zero, "The interval is at least 0.");
        Check(Rate >= 0 && double.IsFinite(Rate), "The rate is a number of packets a second, 0 for no limit.");
        Check(Capacity > 0, "At least 1 packet must be able to be on its way.");
        Check(Retry == 0 || Timeout >= TimeSpan.Zero, "A packet can only be sent again when its time can run out.");

        static void Check(bool holds, string message)
        {
            if (!holds)
            {
                throw new StackException(StackError.InvalidArgument, message);
            }
        }
    }
}
