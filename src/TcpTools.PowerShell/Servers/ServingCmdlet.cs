using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Servers;
using TcpTools.Stack;
using TcpTools.Tcp;

namespace TcpTools.PowerShell;

/// <summary>What cmdlets have in common that can set handlers to serve clients.</summary>
public abstract class ServingCmdlet : TcpToolsCmdlet
{
    private const double EventTimeout = 30;

    /// <summary>Runs once for each client, with its session as $_.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Action")]
    public ScriptBlock? Action { get; set; }

    /// <summary>How many clients the action serves at once.</summary>
    [Parameter(ParameterSetName = "Action")]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 20;

    /// <summary>The session stays open when the action ends.</summary>
    [Parameter(ParameterSetName = "Action")]
    public SwitchParameter KeepOpen { get; set; }

    /// <summary>Runs when a client has connected.</summary>
    [Parameter(ParameterSetName = "Events")]
    public ScriptBlock? OnOpened { get; set; }

    /// <summary>Runs when data has arrived.</summary>
    [Parameter(ParameterSetName = "Events")]
    public ScriptBlock? OnData { get; set; }

    /// <summary>Runs when a client has finished.</summary>
    [Parameter(ParameterSetName = "Events")]
    public ScriptBlock? OnClosed { get; set; }

    /// <summary>An object whose methods are called, its class, or what makes it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Handler")]
    [ValidateNotNull]
    public object? Handler { get; set; }

    /// <summary>Each client gets a handler of its own.</summary>
    [Parameter(ParameterSetName = "Handler")]
    public SwitchParameter NewHandler { get; set; }

    /// <summary>Runs first, once in each runspace.</summary>
    [Parameter(ParameterSetName = "Action")]
    [Parameter(ParameterSetName = "Events")]
    [Parameter(ParameterSetName = "Handler")]
    public ScriptBlock? InitializationScript { get; set; }

    /// <summary>How long a script may run for one event.</summary>
    [Parameter(ParameterSetName = "Action")]
    [Parameter(ParameterSetName = "Events")]
    [Parameter(ParameterSetName = "Handler")]
    [TimeoutTransform]
    public double HandlerTimeoutSec { get; set; } = -1;

    /// <summary>How many clients are served at once.</summary>
    [Parameter(ParameterSetName = "Action")]
    [Parameter(ParameterSetName = "Events")]
    [Parameter(ParameterSetName = "Handler")]
    [ValidateRange(1, int.MaxValue)]
    public int MaximumClients { get; set; } = int.MaxValue;

    /// <summary>Whether there is a handler at all.</summary>
    private protected bool HasHandler => ParameterSetName is "Action" or "Events" or "Handler";

    /// <summary>
    /// How connections behave that are served. Nagle's algorithm is off unless asked for: an answer in two parts would wait for the
    /// peer's delayed acknowledgment.
    /// </summary>
    private protected TcpSettings? ServedSettings(TcpStack stack, Hashtable? option)
    {
        TcpSettings? settings = option is null ? null : RecordOptions.Apply(stack.Options.Tcp, option);
        bool isAsked = option?.Keys.Cast<object>().Any(key => "Nagle".Equals($"{key}", StringComparison.OrdinalIgnoreCase)) ?? false;
        return HasHandler && !isAsked ? (settings ?? stack.Options.Tcp) with { Nagle = false } : settings;
    }

    /// <summary>Makes the handler, with what it needs to run.</summary>
    private protected TcpServerOptions MakeHandler(TcpStack stack, string name)
    {
        TcpServerOptions options = new() { MaximumClients = MaximumClients, KeepOpen = KeepOpen };
        switch (ParameterSetName)
        {
            case "Action":
                ActionHandler action = new(new ScriptPool(Read(Action!, "__a"), ThrottleLimit, Surroundings(stack, name)));
                return options with { Handler = action, Owned = action };
            case "Events":
                return MakeEvents(options, stack, name);
            default:
                object given = Handler is PSObject wrapped ? wrapped.BaseObject : Handler!;
                return given switch
                {
                    ITcpHandler or IDeferredTcpHandler when !ObjectMethods.IsScripted(given.GetType()) =>
                        options with { Handler = given, NewForEachClient = NewHandler },
                    Type type => MakeFromType(options, type, stack, name),
                    string text => MakeFromName(options, text, stack, name),
                    ScriptBlock factory => MakeFromScript(options, Read(factory, "__h"), stack, name),
                    _ => MakeFromObject(options, given, stack, name),
                };
        }
    }

    private TcpServerOptions MakeEvents(TcpServerOptions options, TcpStack stack, string name)
    {
        ScriptBlock nothing = ScriptBlock.Create("");
        ScriptText text = ScriptText.Join(
            EventHandlers.Format, Read(OnOpened ?? nothing, "__o"), Read(OnData ?? nothing, "__d"), Read(OnClosed ?? nothing, "__c"));
        HashSet<ServerEvent> wanted = [];
        Want(OnOpened, ServerEvent.Opened);
        Want(OnData, ServerEvent.Data);
        Want(OnClosed, ServerEvent.Closed);
        EventHandlers handlers = new(new ScriptWorker(text, Surroundings(stack, name)), wanted);
        return options with { Handler = handlers, Owned = handlers };

        void Want(ScriptBlock? script, ServerEvent happened)
        {
            if (script is not null)
            {
                wanted.Add(happened);
            }
        }
    }

    private TcpServerOptions MakeFromType(TcpServerOptions options, Type type, TcpStack stack, string name)
    {
        _ = ObjectMethods.Check(type);
        if (type.IsAbstract || type.GetConstructor(Type.EmptyTypes) is null)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"No {type.FullName} can be made: it has no constructor without parameters.",
                "Give it one, or give -Handler a script block that makes one.");
        }

        if (typeof(ITcpHandler).IsAssignableFrom(type) && !ObjectMethods.IsScripted(type))
        {
            return options with { Factory = () => Activator.CreateInstance(type)!, NewForEachClient = NewHandler };
        }

        ScriptWorker worker = new(Read(ScriptBlock.Create("$_.Run()"), "__h"), Surroundings(stack, name));
        return Serve(options, worker, null, type, isMadeNow: !NewHandler);
    }

    private TcpServerOptions MakeFromObject(TcpServerOptions options, object target, TcpStack stack, string name)
    {
        _ = ObjectMethods.Check(target);
        if (NewHandler)
        {
            return MakeFromType(options, target.GetType(), stack, name);
        }

        ObjectMethods.Unbind(target);
        ScriptWorker worker = new(Read(ScriptBlock.Create("$_.Run()"), "__h"), Surroundings(stack, name));
        return Serve(options, worker, target, null, isMadeNow: false);
    }

    private TcpServerOptions MakeFromName(TcpServerOptions options, string typeName, TcpStack stack, string name) =>
        LanguagePrimitives.TryConvertTo(typeName, out Type type)
            ? MakeFromType(options, type, stack, name)
            : MakeFromScript(
                options,
                Read(ScriptBlock.Create($"([type] '{typeName.Replace("'", "''", StringComparison.Ordinal)}')::new()"), "__h"),
                stack,
                name);

    private TcpServerOptions MakeFromScript(TcpServerOptions options, ScriptText factory, TcpStack stack, string name)
    {
        ScriptText text = ScriptText.Join("if ($_.IsMissing) {{ $_.Take((& {0})) }}; $_.Run()", factory);
        return Serve(options, new ScriptWorker(text, Surroundings(stack, name)), null, null, isMadeNow: !NewHandler);
    }

    /// <summary>Lets objects serve in a worker. One for all is made at once, so that what is wrong with it is known now.</summary>
    private TcpServerOptions Serve(TcpServerOptions options, ScriptWorker worker, object? target, Type? type, bool isMadeNow)
    {
        try
        {
            ObjectHandler shared = new(worker, target, type);
            if (isMadeNow)
            {
                ScriptOutcome outcome = worker.Invoke(shared.Preparation(), [], Limit(EventTimeout), StopToken);
                if (outcome.Errors is [var error, ..])
                {
                    StackException? ours = error.Exception as StackException ?? error.Exception.InnerException as StackException;
                    throw ours ?? new StackException(
                        StackError.InvalidArgument, $"The handler cannot be made: {error.Exception.Message}", ObjectMethods.Advice, error.Exception);
                }
            }

            return NewHandler
                ? options with { Factory = () => new ObjectHandler(worker, null, type), NewForEachClient = true, Owned = worker }
                : options with { Handler = shared, Owned = worker };
        }
        catch
        {
            worker.Dispose();
            throw;
        }
    }

    private ScriptText Read(ScriptBlock script, string prefix) => ScriptText.From(script, prefix, SessionState);

    private ScriptWorkerOptions Surroundings(TcpStack stack, string name)
    {
        bool isBound = MyInvocation.BoundParameters.ContainsKey(nameof(HandlerTimeoutSec));
        double limit = isBound || ParameterSetName == "Action" ? HandlerTimeoutSec : EventTimeout;
        return new ScriptWorkerOptions
        {
            Name = "TcpTools " + name,
            Stack = stack,
            Initialization = InitializationScript is null ? null : Read(InitializationScript, "__i"),
            RunLimit = limit < 0 ? null : Limit(limit),
            ServesSession = ParameterSetName == "Action",
        };
    }
}
