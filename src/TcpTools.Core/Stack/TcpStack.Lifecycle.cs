using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Buffers;
using TcpTools.Links;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>Start, stop, and what happens when something goes wrong in between.</content>
public sealed partial class TcpStack
{
    private readonly ManualResetEventSlim _stopped = new(false);
    private bool _stoppedByDriver;

    /// <summary>Whether the driver's own thread has stopped the stack, so that nobody else can clean up after it.</summary>
    internal bool HasStoppedItself => Volatile.Read(ref _stoppedByDriver);

    /// <summary>Makes a stack and sets it to work.</summary>
    /// <exception cref="StackException">The options contradict each other or the link's kind.</exception>
    public static TcpStack Start(TcpStackOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validate(options);
        TcpStack stack = new(WithLayers(options));
        stack.ConfigureAddresses();
        stack.AttachLayers();
        stack._clock?.Network.Join(stack);
        stack.ClaimAddresses();
        if (options.Mode == StackMode.Threaded)
        {
            stack._driver = new StackDriver(stack);
            stack._driver.Start();
        }

        return stack;
    }

    /// <summary>
    /// Ends the stack: sessions are reset (the peers get a RST), listeners stopped, waiting calls released, the thread
    /// joined and the link disposed. With a grace period, sessions are first closed in order with a FIN and given that
    /// long to finish. Stopping again does nothing.
    /// </summary>
    /// <param name="grace">How long sessions may take to finish in order; none by default.</param>
    public void Stop(TimeSpan grace = default)
    {
        bool first;
        using (Entry entry = Enter())
        {
            first = _state == StackState.Running;
            if (first)
            {
                _state = StackState.Stopping;
                foreach (TcpListener listener in Snapshot(AllListeners()))
                {
                    listener.StopNow(entry.Now, TcpCloseReason.StackStopped);
                }
            }
        }

        if (!first)
        {
            if (_driver is not { IsCurrentThread: true })
            {
                _stopped.Wait();
            }

            return;
        }

        try
        {
            if (grace > TimeSpan.Zero && Mode != StackMode.Manual && _driver is not { IsCurrentThread: true })
            {
                CloseInOrder(grace);
            }

            using Entry entry = Enter();
            EndEverything(StackState.Stopped, entry.Now);
        }
        finally
        {
            // Whatever went wrong, the device goes, and nobody who waits for the end waits for ever.
            CleanUp();
        }
    }

    /// <summary>Stops the stack without grace.</summary>
    public void Dispose() => Stop();

    /// <summary>An exception has come out of the driver thread: everything ends, and the cause stays visible.</summary>
    internal void OnFault(Exception error)
    {
        using (Entry entry = Enter())
        {
            if (_state is StackState.Stopped or StackState.Faulted)
            {
                return;
            }

            _fault = error;
            try
            {
                EndEverything(StackState.Faulted, entry.Now);
            }
#pragma warning disable CA1031 // What is broken may break again while it is taken down; the first cause is the one to tell.
            catch (Exception)
#pragma warning restore CA1031
            {
                _state = StackState.Faulted;
            }
        }

        CleanUp();
    }

    private static void Validate(TcpStackOptions options)
    {
        string? problem = options switch
        {
            { UnclaimedPorts: UnclaimedPortPolicy.Accept } =>
                "A stack starts with Reset or Drop for ports that nobody holds; SetUnclaimedPorts makes it accept.",
            { Addresses.Count: 0 } => "A stack needs at least one address.",
            { Mode: not StackMode.Manual, DefersCalls: true } =>
                "Only in manual mode can what users ask for wait for a step.",
            { Mode: StackMode.Threaded, Clock: not null } => "A stack with a thread of its own cannot follow a virtual clock.",
            _ when options.FirstEphemeralPort < 1 || options.LastEphemeralPort > 65535
                || options.FirstEphemeralPort > options.LastEphemeralPort =>
                "Ephemeral ports are a range within 1 to 65535.",
            _ when options.MaximumSessions < 1 || options.OutputQueueLimit < 1 || options.TraceCapacity < 1 =>
                "Limits of a stack are at least 1.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new StackException(StackError.InvalidArgument, problem);
        }

        _ = options.Tcp.Validate();
    }

    private static T[] Snapshot<T>(IEnumerable<T> items) => [.. items];

    private void ConfigureAddresses()
    {
        try
        {
            foreach (InterfaceAddress address in Options.Addresses)
            {
                _ip.Routes.AddAddress(address);
            }

            if (Options.Gateway is { } gateway)
            {
                if (_capabilities.Medium == LinkMedium.IP && gateway.IsIPv4 && Options.Addresses[0].Address.IsIPv4
                    && !_ip.Routes.TryLookup(gateway, out _))
                {
                    // A link without neighbours, such as a point-to-point device, has but one other end.
                    _ip.Routes.AddConnected(gateway, 32, Options.Addresses[0].Address);
                }

                _ip.Routes.AddDefaultGateway(gateway);
            }
        }
        catch (ArgumentException error)
        {
            // For people, without the name of a parameter of ours that the runtime appends.
            string message = error.Message.Split(" (Parameter ")[0];
            throw new StackException(
                StackError.InvalidArgument, message, "Use addresses and a gateway of one network, such as 10.9.0.2/24 and 10.9.0.1.", error);
        }
    }

    private void CloseInOrder(TimeSpan grace)
    {
        foreach (TcpSession session in Sessions)
        {
            session.Close();
        }

        if (_clock is not null && WorkToken.Of(_clock.Network) is not null)
        {
            // Who works beside the thread that moves the network might wait for it for ever: only what takes no time is done.
            _clock.Network.RunUntilIdle();
            return;
        }

        if (Mode == StackMode.Virtual)
        {
            RunNetworkUntil(() => !HasLiveSessions(), grace, CancellationToken.None);
            return;
        }

        Deadline deadline = new(this, grace);
        foreach (TcpSession session in Sessions)
        {
            session.WaitFor(SessionCondition.Closed, deadline.Left);
        }
    }

    private bool HasLiveSessions()
    {
        foreach (TcpSession session in Sessions)
        {
            if (session.State != TcpState.TimeWait)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Ends all sessions, under the lock, and gives back what they and the stack hold.</summary>
    private void EndEverything(StackState state, Instant now)
    {
        BeginEndingHooks(now);
        foreach (TcpListener listener in Snapshot(AllListeners()))
        {
            listener.StopNow(now, TcpCloseReason.StackStopped);
        }

        while (_firstSession is { } session)
        {
            session.Connection.Abort(now, TcpCloseReason.StackStopped);
            Unregister(session);
            Signal(session);
        }

        foreach (StackSession session in Snapshot(_unread))
        {
            ForgetUnread(session);
        }

        EndHooks();
        _output.Flush(now);
        _state = state;
        _output.Clear();
        ForgetSteps();
        foreach (PacketBuffer? frame in _input)
        {
            // Frames are left here only when one before them caused an exception.
            frame?.Release();
        }

        Array.Clear(_input);
        _ip.Clear();
        EndLinkLayer();
        _timeWait.Clear();
        foreach (RawReceiver receiver in _rawReceivers)
        {
            receiver.Close();
        }

        _rawReceivers = [];
    }

    private void CleanUp()
    {
        try
        {
            _clock?.Network.Leave(this);
            if (_driver is { } driver)
            {
                Volatile.Write(ref _stoppedByDriver, driver.IsCurrentThread);
                driver.Stop();
                Link.Readable = null;
                driver.Dispose();
            }
        }
        finally
        {
            DetachLayers();
            if (Options.DisposeLink)
            {
                Link.Dispose();
            }

            _stopped.Set();
        }
    }
}
