using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.ExceptionServices;
using TcpTools.Servers;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>The methods of a handler's object, by their names: a class of PowerShell need not know an interface of ours.</summary>
internal static class ObjectMethods
{
    // The field by which PowerShell binds an object of one of its classes to the runspace that made it.
    private const string Binding = "__sessionState";

    private static readonly ConcurrentDictionary<(Type, ServerEvent), MethodInfo?> s_methods = new();

    /// <summary>What a handler's class has to look like, for messages.</summary>
    public static string Advice { get; } =
        "A handler has methods OnOpened($client), OnData($client, [byte[]] $data) or OnClosed($client, $failure), "
        + "or it is the name or type of such a class, or a script block that makes one.";

    /// <summary>Whether a class has a method for an event.</summary>
    public static bool Has(Type type, ServerEvent happened) => Find(type, happened) is not null;

    /// <summary>Whether a class is written in PowerShell.</summary>
    public static bool IsScripted(Type type) => type.Assembly.IsDynamic;

    /// <summary>Refuses what has none of the methods.</summary>
    public static Type Check(Type type) => Enum.GetValues<ServerEvent>().Any(happened => Has(type, happened))
        ? type
        : throw new StackException(StackError.InvalidArgument, $"{type.FullName} is not a handler of clients.", Advice);

    /// <summary>Refuses an object that has none of the methods.</summary>
    public static object Check(object? target)
    {
        if (target is null)
        {
            throw new StackException(StackError.InvalidArgument, "The script block made no handler.", Advice);
        }

        _ = Check(target.GetType());
        return target;
    }

    /// <summary>
    /// Lets an object of a class of PowerShell work in the runspace of whoever calls it. Bound to the one that made it, it would wait for
    /// that one to be idle, 250 ms at each call, and then run beside it all the same.
    /// </summary>
    public static void Unbind(object target)
    {
        for (Type? type = target.GetType(); type is not null && IsScripted(type); type = type.BaseType)
        {
            type.GetField(Binding, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)?.SetValue(target, null);
        }
    }

    /// <summary>Calls the method for an event with as many arguments as it has.</summary>
    public static void Call(object target, ServedClient client, ServerEvent happened)
    {
        if (Find(target.GetType(), happened) is not { } method)
        {
            return;
        }

        ParameterInfo[] parameters = method.GetParameters();
        object?[] arguments = new object?[parameters.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            Type wanted = parameters[i].ParameterType;
            object? value = i == 0 ? client : happened switch
            {
                ServerEvent.Data when wanted == typeof(string) => client.Text,
                ServerEvent.Data => client.Data,
                ServerEvent.Closed => client.Failure,
                _ => null,
            };
            arguments[i] = value is null || wanted.IsInstanceOfType(value) ? value : LanguagePrimitives.ConvertTo(value, wanted, CultureInfo.InvariantCulture);
        }

        try
        {
            method.Invoke(target, arguments);
        }
        catch (TargetInvocationException error) when (error.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Capture(inner).Throw();
        }
    }

    private static MethodInfo? Find(Type type, ServerEvent happened) => s_methods.GetOrAdd((type, happened), static key =>
    {
        int most = key.Item2 == ServerEvent.Opened ? 1 : 2;
        return key.Item1.GetMethods(BindingFlags.Instance | BindingFlags.Public)
            .Where(method => method.Name.Equals("On" + key.Item2, StringComparison.OrdinalIgnoreCase) && method.GetParameters().Length <= most)
            .MaxBy(method => method.GetParameters().Length);
    });
}
