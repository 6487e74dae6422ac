using System;
using System.Globalization;
using System.Management.Automation;
using TcpTools.Channels;
using TcpTools.Probing;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>What the cmdlets that send probes and wait for answers have in common.</summary>
public abstract class ProbingCmdlet : ChannelCmdlet
{
    private const int ProgressInterval = 250; // ms
    private const int ProgressDelay = 1000;

    private readonly long _started = Environment.TickCount64;
    private IPacketChannel? _channel;
    private long _nextProgress;
    private bool _showsProgress;

    /// <summary>The channel, opened when it is first asked for.</summary>
    private protected IPacketChannel Channel
    {
        get
        {
            if (_channel is null)
            {
                if (Link?.Stack is { } named ? IsManual(named) : Link is null && (Stack ?? State.DefaultStack) is { } stack && IsManual(stack))
                {
                    throw new StackException(
                        StackError.InvalidArgument,
                        "Nobody moves a manual stack while an answer is waited for.",
                        "Send with Send-RawPacket, move the stack with Step-TcpStack, and look with Receive-RawPacket; or start the stack otherwise.");
                }

                _channel = OpenChannel();
            }

            return _channel;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _channel?.Dispose();
        _channel = null;
        base.Dispose(disposing);
    }

    /// <summary>Lets the exchange go on for a moment: until something has happened, or progress is to be shown again.</summary>
    private protected void Move(ExchangeRunner runner, bool waits)
    {
        Instant now = Channel.Now;
        runner.Step(waits ? now + TimeSpan.FromMilliseconds(ProgressInterval) : now, StopToken);
        ShowProgress(runner);
    }

    /// <summary>Takes the progress display away.</summary>
    private protected void EndProgress()
    {
        if (_showsProgress)
        {
            _showsProgress = false;
            WriteProgress(new ProgressRecord(1, MyInvocation.MyCommand.Name, "done") { RecordType = ProgressRecordType.Completed });
        }
    }

    /// <summary>How many packets there will be, when that is known.</summary>
    private protected long Total { get; set; }

    private void ShowProgress(ExchangeRunner runner)
    {
        long now = Environment.TickCount64;
        if (now - _started < ProgressDelay || now < _nextProgress)
        {
            return;
        }

        _nextProgress = now + ProgressInterval;
        _showsProgress = true;
        ExchangeCounters counters = runner.Counters;
        long done = counters.Answered + counters.Unanswered + counters.Failed;
        string status = string.Create(
            CultureInfo.InvariantCulture, $"{counters.Sent} sent, {counters.Answered} answered, {counters.Unanswered} without an answer");
        WriteProgress(new ProgressRecord(1, MyInvocation.MyCommand.Name, status)
        {
            PercentComplete = Total > 0 ? (int)Math.Clamp(done * 100 / Total, 0, 100) : -1,
        });
    }
}
